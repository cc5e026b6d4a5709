// The build: one script, one stylesheet, hashed names, no source maps, nothing inlined. Two builds give the same bytes.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "fflate";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const outDir = "../dist";

// The server sends name.gz where it stands beside name. fflate gives the same bytes on every machine; Node's zlib does not.
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css)$/.test(entry.name)) continue;
        const file = `${entry.parentPath}/${entry.name}`;
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9, mtime: 0 }));
      }
    },
  };
}

// Vite wants a default export here; it is the only one.
export default defineConfig({
  base: "/",
  plugins: [compressed()],
  build: {
    outDir,
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
