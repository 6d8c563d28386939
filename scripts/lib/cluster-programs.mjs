// Decides where Redis and nginx are, which the cluster example is made of; where one is missing and apt-get may be used, gets it.

import { findServer, installWithApt } from "./apt.mjs";

/** Where they are, each undefined where there is none. `$REDIS_SERVER` and `$NGINX` come first. */
export function findClusterPrograms() {
  return {
    redis: process.env.REDIS_SERVER || findServer(["redis-server", "valkey-server"]),
    nginx: process.env.NGINX || findServer(["nginx"]),
  };
}

/**
 * As {@link findClusterPrograms}, after installing what is missing with apt-get, which it says; fails where it can't.
 * @param {{ log: import("./log.mjs").Log, needs?: string }} options `needs` says who needs them
 */
export async function ensureClusterPrograms({ log, needs }) {
  const found = findClusterPrograms();
  if (found.redis && found.nginx) return found;
  await installWithApt(log, {
    needs,
    what: "Redis and nginx",
    packages: ["redis-server", "nginx-light"],
    otherwise: "set REDIS_SERVER and NGINX to the paths of the programs",
  });
  return findClusterPrograms();
}
