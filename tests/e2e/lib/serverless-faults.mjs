// Decides when requests to DynamoDB fail in a test: from the nth on, as when the Lambda that sends them dies.

import { once } from "node:events";
import http from "node:http";

/** What the SDK does not try again. */
const REFUSED = JSON.stringify({
  __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
  message: "the Lambda died",
});

/** Starts a proxy in front of `target`, an http: URL. */
export async function startFaults(target) {
  let left = Infinity;
  let count = 0;
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    count += 1;
    if (left <= 0) return response.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(REFUSED);
    left -= 1;
    const { method, headers, url } = request;
    const onward = http.request(`${target}${url}`, { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** How many requests came so far. */
    count: () => count,
    /** Lets `requests` more through, and none after them until {@link heal}. */
    failAfter: (requests) => (left = requests),
    heal: () => (left = Infinity),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
