import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const SIGNALING = process.env['SIGNALING'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue()],
  build: {
    // School computers with Kylin and UOS keep browsers for years.
    target: ['chrome87', 'edge88', 'firefox102', 'safari15'],
    chunkSizeWarningLimit: 400,
    // Two pages: signaling serves the lesson, the library its shelf.
    rollupOptions: { input: ['index.html', 'library.html'] },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': SIGNALING, '/ws': { target: SIGNALING, ws: true } },
  },
  test: { include: ['tests/**/*.test.ts'] },
})
