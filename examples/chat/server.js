// The chat server: reads its settings, listens, reaches its stores, and stops without cutting anyone off.

import { createAccounts } from './src/accounts.js';
import { readConfig } from './src/config.js';
import { createFault } from './src/fault.js';
import { createHealth } from './src/health.js';
import { createHttpServer } from './src/http.js';
import { createLive } from './src/live.js';
import { createLog } from './src/log.js';
import { createMessages } from './src/messages.js';
import { createRoutes } from './src/routes.js';
import { stop } from './src/stop.js';
import { createStores } from './src/stores.js';

const config = readConfig(process.env);
const log = createLog(config);
const fault = createFault(config, log);
fault.atBoot();

const stores = createStores(config, log);
const health = createHealth({ config, stores, fault, log });
const accounts = createAccounts(config, stores);
const messages = createMessages(stores, log);
const routes = createRoutes({ config, health, accounts, messages });
const server = createHttpServer({ config, routes, fault, log });
const live = createLive({ config, server, stores, log });

// Node is process 1 in a container: without these handlers it would ignore both signals.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    await stop({ config, server, live, stores, log, signal });
    process.exit(0);
  });
}

// Listen before the stores answer: until then /health says 503 and which store is missing.
server.listen(config.port, () => log.info('listening', { port: server.address().port, behaviour: config.behaviour }));
if (await stores.connect()) {
  await messages.prepare();
  await live.subscribe();
  log.info('ready');
}
