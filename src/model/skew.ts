/** Clocks of two machines differ by less than this; milliseconds. A time further ahead was written by nobody who was there. */
export const mostSkew = 24 * 3_600_000;
