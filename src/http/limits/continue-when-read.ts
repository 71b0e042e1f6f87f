import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/**
 * Answers `Expect: 100-continue` (RFC 9110, section 10.1.1) when somebody begins to read the body, and not before: who is
 * refused is told so without having sent it. The connection of such an answer is closed, since nobody could tell
 * whether the body comes after all.
 */
export function continueWhenRead(server: Server): void {
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    const canBeKept = res.shouldKeepAlive;
    res.shouldKeepAlive = false;
    req.once('resume', () => {
      if (!res.headersSent) {
        res.shouldKeepAlive = canBeKept;
        res.writeContinue();
      }
    });
    server.emit('request', req, res);
  });
}
