#!/usr/bin/env node
// What the package starts with, as `dist/windtunnel.js`. It asks little of Node and imports nothing, so
// that a Node which is too old for the program can still say so, in place of a syntax error.

const OLDEST_NODE_MAJOR = 24;
const { node } = process.versions;

if (Number.parseInt(node, 10) >= OLDEST_NODE_MAJOR) {
  // The bundle lies beside this file in the package, and nowhere in the repository.
  import(new URL('main.js', import.meta.url).href);
} else {
  console.error(
    `error: windtunnel needs Node ${OLDEST_NODE_MAJOR} or newer, this is Node ${node}; ` +
      'install a current one from https://nodejs.org and run the command again',
  );
  process.exitCode = 2;
}
