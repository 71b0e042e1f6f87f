import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./elicitation-server.mjs', import.meta.url));

/** Lines of config.toml that give the engine the MCP server `desk`, whose tools are `book` and `echo`. */
export const withDesk = `
[mcp_servers.desk]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(SERVER)}]
`;
