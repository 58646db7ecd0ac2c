/**
 * The version that `/about`, `--version` and logs tell. A test holds it to package.json.
 */
export const version = '0.1.0'
