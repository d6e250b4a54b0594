/** What `athenz-gitops-sandbox` exports, the package that this folder is published as: all that the commands need of it. */
export { writeSample, writeSampleState } from './sample.ts';
export { startSandbox } from './server.ts';
