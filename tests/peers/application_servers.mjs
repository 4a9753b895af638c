// A real server of an application protocol, for one client that is wscli: application_servers.mjs PROTOCOL
//
// It prints its URL, judges what it gets, closes the connection and exits with 0.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

// An import finds packages beside this file only; require also looks where NODE_PATH says.
const require = createRequire(import.meta.url);

function listen(http, path) {
  http.listen(0, '127.0.0.1', () => console.log(`ws://127.0.0.1:${http.address().port}${path}`));
}

const protocols = {
  // Stays for three of its ping intervals; an event with an acknowledgement each way.
  async 'socket.io'() {
    const { Server } = require('socket.io');
    const http = createServer();
    const io = new Server(http, { pingInterval: 300, pingTimeout: 2000, transports: ['websocket'] });
    listen(http, '/socket.io/?EIO=4&transport=websocket');
    const [socket] = await once(io, 'connection');
    const closed = once(socket, 'disconnect');
    let heartbeats = 0;
    const beaten = new Promise((resolve) => socket.conn.on('heartbeat', () => ++heartbeats === 3 && resolve()));
    const added = new Promise((resolve) => {
      socket.on('add', (one, other, acknowledge) => {
        acknowledge(one + other);
        resolve([one, other]);
      });
    });
    const answer = new Promise((resolve) => socket.emit('question', 'are "you" there', resolve));
    assert.deepEqual(await added, [2, 3]);
    assert.equal(await answer, 'are "you" there: yes');
    await beaten;
    socket.disconnect(true);
    assert.equal((await closed)[0], 'server namespace disconnect');
    await io.close();
  },

  // Lets nobody subscribe before connection_init, and pings in the middle of a subscription.
  async 'graphql-ws'() {
    const { GraphQLInt, GraphQLObjectType, GraphQLSchema } = require('graphql');
    const { useServer } = require('graphql-ws/use/ws');
    const { WebSocketServer } = require('ws');
    let socket;
    async function* ticks() {
      yield { ticks: 1 };
      const pong = new Promise((resolve) => {
        socket.on('message', (message) => JSON.parse(message).type === 'pong' && resolve(JSON.parse(message)));
      });
      socket.send('{"type":"ping","payload":{"n":[7]}}');
      assert.deepEqual(await pong, { type: 'pong', payload: { n: [7] } });
      yield { ticks: 2 };
    }
    const fields = { ticks: { type: GraphQLInt, subscribe: ticks } };
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { none: { type: GraphQLInt } } }),
      subscription: new GraphQLObjectType({ name: 'Subscription', fields }),
    });
    const http = createServer();
    const server = new WebSocketServer({ server: http, path: '/graphql' });
    let initiated;
    useServer({ schema, onConnect: (context) => { initiated = context.connectionParams; } }, server);
    listen(http, '/graphql');
    [socket] = await once(server, 'connection');
    const [code] = await once(socket, 'close');
    assert.equal(code, 1000);
    assert.deepEqual(initiated, { token: 'secret' });
    server.close();
    http.close();
  },

  // Two methods, a notification, and what the library itself makes of the rest.
  async 'json-rpc'() {
    const { Server } = require('rpc-websockets');
    const server = new Server({ port: 0, host: '127.0.0.1' });
    server.register('add', ([one, other]) => one + other);
    server.register('slow', async ([one, other]) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return one + other;
    });
    server.event('tick');
    await once(server.wss, 'listening');
    const ticking = setInterval(() => server.emit('tick', 1), 100);
    console.log(`ws://127.0.0.1:${server.wss.address().port}/`);
    const [socket] = await once(server.wss, 'connection');
    assert.equal((await once(socket, 'close'))[0], 1000);
    clearInterval(ticking);
    await server.close();
  },

  // Lets in whoever has the token, and says why not.
  async refusal() {
    const { WebSocketServer } = require('ws');
    const http = createServer();
    const server = new WebSocketServer({ noServer: true });
    const refuse = (socket, status, more, body) => {
      const text = JSON.stringify(body);
      const head = [`HTTP/1.1 ${status}`, 'Content-Type: application/json', `Content-Length: ${text.length}`, ...more];
      socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
    };
    http.on('upgrade', (request, socket, head) => {
      const { authorization } = request.headers;
      if (request.url !== '/') return refuse(socket, '404 Not Found', [], { error: 'not here' });
      if (!authorization) {
        const challenge = ['WWW-Authenticate: Bearer realm="tests"'];
        return refuse(socket, '401 Unauthorized', challenge, { error: 'no token', docs: '/docs' });
      }
      if (authorization !== 'Bearer let-me-in') {
        return refuse(socket, '403 Forbidden', [], { error: 'the token has expired' });
      }
      server.handleUpgrade(request, socket, head, (opened) => server.emit('connection', opened));
    });
    listen(http, '');
    const [socket] = await once(server, 'connection');
    socket.send('{"hello":"tester"}');
    assert.equal((await once(socket, 'close'))[0], 1000);
    http.close();
  },

  // Numbers its events, and sends whoever was lost the rest of them.
  async resume() {
    const { WebSocketServer } = require('ws');
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    const sessions = new Set();
    const codes = [];
    const done = new Promise((resolve) => {
      server.on('connection', (socket, request) => {
        const asked = new URL(request.url, 'http://localhost').searchParams;
        const isKnown = sessions.has(asked.get('session'));
        const session = isKnown ? asked.get('session') : `s${sessions.size + 1}`;
        sessions.add(session);
        socket.send(JSON.stringify({ type: isKnown ? 'resumed' : 'welcome', session }));
        let n = isKnown ? Number(asked.get('after')) : 0;
        const sending = setInterval(() => socket.send(JSON.stringify({ type: 'event', n: ++n })), 20);
        socket.on('close', (code) => {
          clearInterval(sending);
          codes.push(code);
          if (codes.length === 3) resolve();
        });
      });
    });
    listen(http, '');
    await done;
    assert.deepEqual(codes, [1006, 1000, 1000]);
    assert.equal(sessions.size, 2);
    server.close();
    http.close();
  },
};

// Node also exits when nothing is left to wait for: that must not pass for success.
process.exitCode = 1;
await protocols[process.argv[2]]();
process.exitCode = 0;
