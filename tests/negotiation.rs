//! The compression flags, as the peer sees them.

use crate::support::peer::{self, header, open_by_hand, read_to_end};
use crate::support::program::{Serving, run};

fn offered(flags: &[&str]) -> Option<String> {
    let server = peer::raw(|socket, head| {
        drop(read_to_end(socket));
        header(&head, "Sec-WebSocket-Extensions")
    });
    run(&[&["connect", "--handshake-timeout", "50ms", &server.url], flags].concat(), b"");
    server.join()
}

#[test]
fn what_the_client_offers() {
    assert_eq!(offered(&[]).as_deref(), Some("permessage-deflate; client_max_window_bits"));
    assert_eq!(offered(&["--no-compress"]), None);
    assert_eq!(
        offered(&["--no-context-takeover", "--window-bits", "10"]).as_deref(),
        Some(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=10; client_max_window_bits=10"
        )
    );
}

fn accepted(flags: &[&str], offer: &str) -> Option<String> {
    let serving = Serving::start(flags);
    let (_socket, head) = open_by_hand(serving.address(), &format!("Sec-WebSocket-Extensions: {offer}\r\n"));
    header(&head, "Sec-WebSocket-Extensions")
}

#[test]
fn what_the_server_accepts() {
    let offer = "permessage-deflate; client_max_window_bits";
    assert_eq!(accepted(&[], offer).as_deref(), Some("permessage-deflate"));
    assert_eq!(accepted(&["--no-compress"], offer), None);
    assert_eq!(
        accepted(&["--window-bits", "9", "--no-context-takeover"], offer).as_deref(),
        Some(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=9; client_max_window_bits=9"
        )
    );
    let serving = Serving::start(&[]);
    let malformed = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\r\n";
    let (_socket, head) = open_by_hand(serving.address(), malformed);
    assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}");
    let several = "foo; bar, permessage-deflate; unknown, permessage-deflate; server_max_window_bits=\"12\"";
    assert_eq!(accepted(&[], several).as_deref(), Some("permessage-deflate; server_max_window_bits=12"));
}

#[test]
fn an_answer_that_was_not_asked_for_is_refused() {
    let refused = |flags: &[&str], answer: &'static str, says: &str| {
        let server = peer::opened(answer, read_to_end);
        run(&[&["connect", &server.url], flags].concat(), b"").assert("", 5, says);
        server.join();
    };
    refused(&["--no-compress"], "permessage-deflate", "the extension \"permessage-deflate\" was not offered");
    refused(&[], "permessage-deflate; server_max_window_bits=16", "has a bad value: server_max_window_bits=16");
    refused(&[], "permessage-deflate, permessage-deflate", "permessage-deflate is answered twice");
    refused(&["--no-context-takeover"], "permessage-deflate", "without server_no_context_takeover");
}
