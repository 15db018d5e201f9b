/** The origin of our API, fixed at build time in wxt.config.ts. */
declare const __API_ORIGIN__: string
