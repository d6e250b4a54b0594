/** The annotation that says what an object was made from, `namespace/name`: such an object is no source itself. */
export const sourceObjectKey = 'athenz-gitops.io/source-object';
