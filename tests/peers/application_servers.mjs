// A real server of an application protocol, for one connection of wscli: application_servers.mjs PROTOCOL
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
};

// Node also exits when nothing is left to wait for: that must not pass for success.
process.exitCode = 1;
await protocols[process.argv[2]]();
process.exitCode = 0;
