// The tool with the official TypeScript SDK, which always validates. A server is made for each request, as the SDK has it; the schemas are compiled once.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const statuses = ['SUCC', 'ABEND', 'EXEC', 'HOLD'];
const two = n => String(n).padStart(2, '0');
const plan = Array.from({ length: 200 }, (_, i) => ({
  name: `LEDGER_POST_${String(i).padStart(3, '0')}`, workstation: `LXPAY${two(i % 7)}`, status: statuses[i % 4],
  start: `2026-11-22T${two(Math.floor(i / 60))}:${two(i % 60)}:00Z`, return_code: i % 3,
}));
const inputSchema = fromJsonSchema({
  type: 'object', required: ['status'], additionalProperties: false,
  properties: {
    status: { type: 'string', description: 'Status of the jobs.', enum: statuses },
    limit: { type: 'integer', description: 'How many jobs at most.', default: 20, minimum: 1, maximum: 100 },
  },
});
const outputSchema = fromJsonSchema({
  type: 'object', required: ['jobs', 'total'], additionalProperties: false,
  properties: {
    jobs: {
      type: 'array', items: {
        type: 'object', required: ['name', 'workstation', 'status', 'start', 'return_code'], additionalProperties: false,
        properties: { name: { type: 'string' }, workstation: { type: 'string' }, status: { type: 'string' }, start: { type: 'string' }, return_code: { type: 'integer' } },
      },
    },
    total: { type: 'integer' },
  },
});

function list({ status, limit = 20 }) {
  const found = plan.filter(j => j.status === status);
  const structuredContent = { jobs: found.slice(0, limit), total: found.length };
  return { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] };
}

function make() {
  const server = new McpServer({ name: 'bench', version: '1' });
  server.registerTool('list_jobs', { title: 'List jobs', description: 'Jobs of the plan with a status, at most limit of them, and how many there are.', inputSchema, outputSchema }, list);
  return server;
}

if (process.argv.includes('-http')) {
  const web = createServer(toNodeHandler(createMcpHandler(make)));
  web.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${web.address().port}/mcp`));
} else {
  serveStdio(make);
}
