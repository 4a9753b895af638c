//! A server that answers each connection in turn, and keeps what was asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::peer::{acceptance, open_and_close, read_head, read_to_end};
use super::program::PATIENCE;

/// What one connection is answered with.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The head of an answer without its empty line, and its body.
    Http(String, &'static str),
    /// 101, then Close 1000.
    Open,
    /// 101, then the end of the socket.
    OpenAndDrop,
    /// Nothing at all.
    Silence,
}

/// A redirection to `location`.
pub(crate) fn redirection(location: &str) -> Answer {
    redirection_by("302 Found", location)
}

/// The same with another status.
pub(crate) fn redirection_by(status: &str, location: &str) -> Answer {
    Answer::Http(format!("HTTP/1.1 {status}\r\nLocation: {location}\r\n"), "")
}

/// An answer with this status, and with headers of which each ends its line.
pub(crate) fn status(status: &str, headers: &str) -> Answer {
    Answer::Http(format!("HTTP/1.1 {status}\r\n{headers}"), "no\n")
}

pub(crate) struct Requests {
    pub(crate) address: SocketAddr,
    heads: Receiver<String>,
}

impl Requests {
    /// Answers each connection with the next of `answers`, and every one after that with the last.
    pub(crate) fn answered(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, answers)
    }

    pub(crate) fn on(listener: TcpListener, answers: Vec<Answer>) -> Self {
        let address = listener.local_addr().unwrap();
        let (told, heads) = channel();
        thread::spawn(move || {
            for (number, socket) in listener.incoming().enumerate() {
                let mut socket = socket.unwrap();
                let head = receive(&mut socket);
                if told.send(head.clone()).is_err() {
                    return;
                }
                let answer = answers[number.min(answers.len() - 1)].clone();
                thread::spawn(move || give(answer, &mut socket, &head));
            }
        });
        Self { address, heads }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Waits for the next request.
    pub(crate) fn next(&self) -> String {
        self.heads.recv_timeout(PATIENCE).unwrap()
    }

    /// All that were made since the last was asked for.
    pub(crate) fn all(&self) -> Vec<String> {
        self.heads.try_iter().collect()
    }
}

fn receive(socket: &mut TcpStream) -> String {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    read_head(socket)
}

fn give(answer: Answer, socket: &mut (impl Read + Write), head: &str) {
    match answer {
        Answer::Open => open_and_close(socket, head),
        Answer::OpenAndDrop => socket.write_all(acceptance(head, "").as_bytes()).unwrap(),
        Answer::Silence => drop(read_to_end(socket)),
        Answer::Http(answer, body) => {
            let whole = format!("{answer}Content-Length: {}\r\n\r\n{body}", body.len());
            socket.write_all(whole.as_bytes()).unwrap();
            read_to_end(socket);
        }
    }
}
