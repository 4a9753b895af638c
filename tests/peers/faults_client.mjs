// Says some messages to a server with a fault, and reports what came and how it ended.
import { createRequire } from "node:module";
import { join } from "node:path";

const [url, modules, seconds, ...messages] = process.argv.slice(2);
const WebSocket = createRequire(join(modules, "index.js"))("ws");

const report = { got: [], end: "open" };
const finish = (end) => {
  report.end = end;
  process.stdout.write(JSON.stringify(report), () => process.exit(0));
};

let failure = "";
const socket = new WebSocket(url, { maxPayload: 16 << 20 });
const timer = setTimeout(() => finish(socket.readyState === WebSocket.CONNECTING ? "waits for the answer" : "open"), seconds * 1000);
socket.on("open", async () => {
  for (const message of messages) {
    socket.send(message);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
socket.on("message", (data, isBinary) => report.got.push(isBinary ? `${data.length} bytes` : data.toString()));
socket.on("error", (error) => {
  failure = `${error.code ?? ""} ${error.message}`.trim();
});
socket.on("close", (code, reason) => {
  clearTimeout(timer);
  const closed = `closed ${code}${reason.length > 0 ? ` ${reason}` : ""}`;
  finish(failure === "" ? closed : `${failure}; ${closed}`);
});
