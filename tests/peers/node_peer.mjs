// One connection of Node's ws with wscli: node_peer.mjs ACTION CODE REASON [URL] <PAYLOAD
//
// With a URL this is the client; without one, a server that prints its URL. Either end acts alike,
// so that what differs between the two directions is wscli's doing. To be measured, a server
// answers whoever comes until it is killed. With PEER_CERTIFICATE and PEER_KEY (PEM) a server speaks
// wss, and a client trusts that certificate; with PEER_COMPRESSION=off nothing is compressed.
// An import finds packages beside this file only; require also looks where NODE_PATH says.
import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:https';

const { WebSocket, WebSocketServer } = createRequire(import.meta.url)('ws');
const [action, code, reason, url] = process.argv.slice(2);
const payload = readFileSync(0);
const { PEER_CERTIFICATE, PEER_KEY, PEER_COMPRESSION } = process.env;
const certificate = PEER_CERTIFICATE && readFileSync(PEER_CERTIFICATE);
const perMessageDeflate = PEER_COMPRESSION !== 'off';

async function expectMessage(inbox, message, binary) {
  const [received, isBinary] = (await inbox.next()).value;
  assert.equal(isBinary, binary);
  assert.ok(received.equals(message), `${received.length} other bytes came back for ${message.length}`);
}

async function roundTrip(socket, message, binary) {
  const inbox = on(socket, 'message');
  socket.send(message, { binary });
  await expectMessage(inbox, message, binary);
}

const actions = {
  text: (socket) => roundTrip(socket, payload, false),
  binary: (socket) => roundTrip(socket, payload, true),

  async compressed(socket, wire) {
    const [read, written] = [wire.bytesRead, wire.bytesWritten];
    await roundTrip(socket, payload, false);
    assert.ok(wire.bytesWritten - written < payload.length / 2, 'sent uncompressed');
    assert.ok(wire.bytesRead - read < payload.length / 2, 'received uncompressed');
  },

  async fragmented(socket) {
    const inbox = on(socket, 'message');
    const size = Math.ceil(payload.length / 4);
    for (let at = 0; at < payload.length; at += size) {
      socket.send(payload.subarray(at, at + size), { binary: false, fin: at + size >= payload.length });
    }
    await expectMessage(inbox, payload, false);
  },

  async many(socket) {
    const inbox = on(socket, 'message');
    const messages = payload.toString().split('\n').map((line) => Buffer.from(line));
    for (const message of messages) socket.send(message, { binary: false });
    for (const message of messages) await expectMessage(inbox, message, false);
  },

  async ping(socket) {
    socket.ping(payload);
    const [pong] = await once(socket, 'pong');
    assert.deepEqual(pong, payload);
  },
};

function echo(socket) {
  socket.on('message', (message, binary) => socket.send(message, { binary }));
}

// Servers that are measured: what each does with a connection.
const measured = {
  inspected: echo,

  // Every third Pong is missing.
  withholding(socket) {
    let pings = 0;
    socket.on('ping', (data) => {
      pings += 1;
      if (pings % 3 !== 0) socket.pong(data);
    });
  },

  // "How to detect and close broken connections?" of ws's README, with a second in the place of thirty.
  heartbeat(socket) {
    let isAlive = true;
    socket.on('pong', () => {
      isAlive = true;
    });
    const timer = setInterval(() => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
    }, 1000);
    socket.on('close', () => clearInterval(timer));
    echo(socket);
  },
};

async function converse(socket, wire) {
  assert.equal(/permessage-deflate/.test(socket.extensions), perMessageDeflate);
  const closed = once(socket, 'close');
  if (action === 'echo') {
    echo(socket);
  } else {
    const early = (code, reason) => assert.fail(`closed early: ${code} ${reason}`);
    socket.once('close', early);
    await actions[action](socket, wire);
    socket.off('close', early);
    socket.close(Number(code), reason);
  }
  assert.equal((await closed)[0], Number(code));
  process.exitCode = 0;
}

// Node also exits when nothing is left to wait for: that must not pass for success.
process.exitCode = 1;
if (url) {
  const socket = new WebSocket(url, { perMessageDeflate, ca: certificate });
  socket.once('upgrade', (response) => socket.once('open', () => converse(socket, response.socket)));
} else {
  const autoPong = action !== 'withholding';
  const scheme = certificate ? 'wss' : 'ws';
  const secure = certificate && createServer({ cert: certificate, key: readFileSync(PEER_KEY) });
  const place = { host: '127.0.0.1', port: 0 };
  const server = new WebSocketServer({ ...(secure ? { server: secure } : place), perMessageDeflate, autoPong });
  server.once('listening', () => console.log(`${scheme}://127.0.0.1:${server.address().port}/`));
  secure?.listen(place);
  if (action in measured) {
    server.on('connection', measured[action]);
  } else {
    server.once('connection', (socket, request) => {
      server.close();
      secure?.close();
      converse(socket, request.socket);
    });
  }
}
