import { readFileSync } from 'node:fs';
import { bundledOf, type Sbom } from './sbom.ts';

// npm sbom … | node packaging/bundled-sbom.ts [NOTICES]: prints what the SBOM says of the packages that `npm run build` put into dist/.

const [notices = 'dist/THIRD-PARTY-NOTICES.txt'] = process.argv.slice(2);
const sbom = JSON.parse(readFileSync(0, 'utf8')) as Sbom;
process.stdout.write(`${JSON.stringify(bundledOf(sbom, readFileSync(notices, 'utf8')), null, 2)}\n`);
