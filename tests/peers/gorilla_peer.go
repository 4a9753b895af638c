// One connection of Go's gorilla/websocket with wscli: gorilla_peer ACTION CODE REASON [URL] <PAYLOAD
//
// With a URL this is the client; without one, a server that prints its URL. Either end acts alike,
// so that what differs between the two directions is wscli's doing. To be inspected, a server
// answers whoever comes until it is killed. With PEER_CERTIFICATE and PEER_KEY (PEM) a server speaks
// wss, and a client trusts that certificate; with PEER_COMPRESSION=off nothing is compressed.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// gorilla flushes a frame whenever its write buffer is full.
const (
	wholeMessages = 4 << 20
	manyFragments = 512
)

var (
	certificate = os.Getenv("PEER_CERTIFICATE")
	compression = os.Getenv("PEER_COMPRESSION") != "off"
)

// meter counts what passes, and keeps the first write: gorilla doesn't tell what it negotiated.
type meter struct {
	net.Conn
	read, written int64
	head          []byte
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	atomic.AddInt64(&m.read, int64(n))
	return n, err
}

func (m *meter) Write(p []byte) (int, error) {
	if m.head == nil {
		m.head = append([]byte{}, p...)
	}
	n, err := m.Conn.Write(p)
	atomic.AddInt64(&m.written, int64(n))
	return n, err
}

type meteredListener struct{ net.Listener }

func (l meteredListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &meter{Conn: conn}, err
}

// metered is the meter above TLS, if there is any: what is counted there is what gorilla writes.
func metered(conn *websocket.Conn) *meter {
	return conn.UnderlyingConn().(*meter)
}

func trusted() *tls.Config {
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(certificate)
	must(err)
	expect(roots.AppendCertsFromPEM(pem), "%s is no certificate", certificate)
	return &tls.Config{RootCAs: roots}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func expect(condition bool, format string, values ...interface{}) {
	if !condition {
		log.Fatalf(format, values...)
	}
}

func expectMessage(conn *websocket.Conn, kind int, message []byte) {
	receivedKind, received, err := conn.ReadMessage()
	must(err)
	expect(receivedKind == kind, "the kind of message changed")
	expect(bytes.Equal(received, message), "%d other bytes came back for %d", len(received), len(message))
}

func roundTrip(conn *websocket.Conn, kind int, message []byte) {
	must(conn.WriteMessage(kind, message))
	expectMessage(conn, kind, message)
}

func compressed(conn *websocket.Conn, payload []byte) {
	wire := metered(conn)
	read, written := atomic.LoadInt64(&wire.read), atomic.LoadInt64(&wire.written)
	roundTrip(conn, websocket.TextMessage, payload)
	half := int64(len(payload) / 2)
	expect(atomic.LoadInt64(&wire.written)-written < half, "sent uncompressed")
	expect(atomic.LoadInt64(&wire.read)-read < half, "received uncompressed")
}

func fragmented(conn *websocket.Conn, payload []byte) {
	writer, err := conn.NextWriter(websocket.TextMessage)
	must(err)
	_, err = writer.Write(payload)
	must(err)
	must(writer.Close())
	expectMessage(conn, websocket.TextMessage, payload)
}

func many(conn *websocket.Conn, payload []byte) {
	messages := bytes.Split(payload, []byte("\n"))
	for _, message := range messages {
		must(conn.WriteMessage(websocket.TextMessage, message))
	}
	for _, message := range messages {
		expectMessage(conn, websocket.TextMessage, message)
	}
}

// A Pong shows only while a message is read, so it sends one that the reading ends with.
func ping(conn *websocket.Conn, payload []byte) {
	afterwards := []byte("after the pong")
	conn.SetPongHandler(func(pong string) error {
		expect(pong == string(payload), "the pong says %q", pong)
		return conn.WriteMessage(websocket.TextMessage, afterwards)
	})
	must(conn.WriteControl(websocket.PingMessage, payload, time.Time{}))
	expectMessage(conn, websocket.TextMessage, afterwards)
}

func echo(conn *websocket.Conn) error {
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		must(conn.WriteMessage(kind, message))
	}
}

func closing(conn *websocket.Conn, code int, reason string) error {
	must(conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Time{}))
	_, _, err := conn.ReadMessage()
	return err
}

func converse(conn *websocket.Conn, negotiated, action string, code int, reason string, payload []byte) {
	defer conn.Close()
	isCompressed := bytes.Contains([]byte(negotiated), []byte("permessage-deflate"))
	expect(isCompressed == compression, "with permessage-deflate: %v", isCompressed)
	var ending error
	switch action {
	case "text":
		roundTrip(conn, websocket.TextMessage, payload)
	case "binary":
		roundTrip(conn, websocket.BinaryMessage, payload)
	case "compressed":
		compressed(conn, payload)
	case "fragmented":
		fragmented(conn, payload)
	case "many":
		many(conn, payload)
	case "ping":
		ping(conn, payload)
	case "echo":
		ending = echo(conn)
	default:
		log.Fatalf("no action %s", action)
	}
	if ending == nil {
		ending = closing(conn, code, reason)
	}
	expect(websocket.IsCloseError(ending, code), "ended with %v", ending)
}

func beClient(url string, buffer int, use func(*websocket.Conn, string)) {
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		return &meter{Conn: conn}, err
	}
	dialTLS := func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := tls.Dial(network, address, trusted())
		return &meter{Conn: conn}, err
	}
	dialer := websocket.Dialer{
		NetDialContext: dial, NetDialTLSContext: dialTLS, EnableCompression: compression, WriteBufferSize: buffer,
	}
	conn, response, err := dialer.Dial(url, nil)
	must(err)
	use(conn, response.Header.Get("Sec-WebSocket-Extensions"))
}

func beServer(buffer int, use func(*websocket.Conn, string)) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	scheme := "ws"
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, os.Getenv("PEER_KEY"))
		must(err)
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
		scheme = "wss"
	}
	done := make(chan struct{})
	upgrader := websocket.Upgrader{EnableCompression: compression, WriteBufferSize: buffer}
	handler := func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		must(err)
		use(conn, string(metered(conn).head))
		close(done)
	}
	go http.Serve(meteredListener{listener}, http.HandlerFunc(handler))
	fmt.Printf("%s://%s/\n", scheme, listener.Addr())
	<-done
}

func beInspected() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	upgrader := websocket.Upgrader{EnableCompression: true}
	handler := func(w http.ResponseWriter, r *http.Request) {
		if conn, err := upgrader.Upgrade(w, r, nil); err == nil {
			echo(conn)
			conn.Close()
		}
	}
	fmt.Printf("ws://%s/\n", listener.Addr())
	must(http.Serve(listener, http.HandlerFunc(handler)))
}

func main() {
	log.SetFlags(0)
	action, reason := os.Args[1], os.Args[3]
	code, err := strconv.Atoi(os.Args[2])
	must(err)
	payload, err := io.ReadAll(os.Stdin)
	must(err)
	buffer := wholeMessages
	if action == "fragmented" {
		buffer = manyFragments
	}
	use := func(conn *websocket.Conn, negotiated string) {
		converse(conn, negotiated, action, code, reason, payload)
	}
	if action == "inspected" {
		beInspected()
	} else if len(os.Args) > 4 {
		beClient(os.Args[4], buffer, use)
	} else {
		beServer(buffer, use)
	}
}
