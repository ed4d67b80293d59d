import type { Server } from 'node:http';

/** Ends an HTTP server and every connection to it; also those that a client keeps open for its next request. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
