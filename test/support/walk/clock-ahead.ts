/* Loaded before the program (`--import`): its clock is ahead by as many milliseconds as the environment says. */

const { now } = Date;
const ahead = Number(process.env['CLOCK_AHEAD'] ?? 0);
Date.now = () => now() + ahead;
