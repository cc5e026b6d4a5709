// The build: one script, one stylesheet, hashed names, no source maps, nothing inlined. Two builds give the same bytes.
import { defineConfig } from "vitest/config";

// Vite wants a default export here; it is the only one.
export default defineConfig({
  base: "/",
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2022",
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    assetsInlineLimit: 0, // a data: URL would break the policy img-src 'self'
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
  },
});
