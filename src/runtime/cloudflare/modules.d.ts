// What wrangler's rules make of these files (wrangler.toml): text, and compiled modules.

declare module '*.sql' {
  const text: string
  export default text
}

declare module '*.wasm' {
  const module: WebAssembly.Module
  export default module
}
