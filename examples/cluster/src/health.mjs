// Decides what an instance says about itself to a load balancer, a monitor or a test: `GET /health`.

/** Answers `/health`. It is healthy without Redis too: whoever is connected works on, and edits cross later. */
export class Health {
  #instance;
  #crossing;

  constructor({ instance, crossing }) {
    this.#instance = instance;
    this.#crossing = crossing;
  }

  async onRequest({ request, response, instance: hocuspocus }) {
    if (request.url !== "/health") return;
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(
      JSON.stringify({
        instance: this.#instance,
        redis: this.#crossing.isUp ? "up" : "away",
        connections: hocuspocus.getConnectionsCount(),
        documents: hocuspocus.getDocumentsCount(),
      }),
    );
    // An empty rejection is how Hocuspocus is told that the request was answered.
    return Promise.reject();
  }
}
