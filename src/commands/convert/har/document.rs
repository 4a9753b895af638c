//! The objects of a HAR, as far as they are read or written.

use std::io::BufRead;

use serde::Serialize;
use serde_json::{Map, Value};

use super::json_reader::{JsonFault, JsonKind, JsonReader, JsonScalar};

/// A header, a cookie or a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct NameValue {
    pub(super) name: String,
    pub(super) value: String,
}

/// Bytes of text that are kept of what an entry says about its connection. As lines of a recording they take up to six times as
/// much, of which one may have 4 MiB.
const HEADS: usize = 512 << 10;

/// What a header takes beside its text.
const HEADER: usize = 64;

/// The longest message that is read, in bytes of its text: base64 of 64 MiB, which is as much as is written of one, takes 86 MiB.
const LONGEST_DATA: usize = 96 << 20;

/// The longest of the fields of a message that are words or numbers, in bytes.
const LONGEST_WORD: usize = 256;

/// What an entry says about its connection, read as long as there is room for it.
#[derive(Debug)]
pub(super) struct HeadReader {
    room: usize,
    /// There was no room for something.
    pub(super) is_full: bool,
}

impl Default for HeadReader {
    fn default() -> Self {
        Self { room: HEADS, is_full: false }
    }
}

impl HeadReader {
    pub(super) fn scalar<R: BufRead>(&mut self, json: &mut JsonReader<R>) -> Result<JsonScalar, JsonFault> {
        let scalar = json.scalar(self.room)?;
        self.is_full |= scalar == JsonScalar::TooLong;
        self.room -= scalar.text().map_or(0, str::len);
        Ok(scalar)
    }

    /// The headers that have both a name and a value.
    fn headers<R: BufRead>(&mut self, json: &mut JsonReader<R>) -> Result<Vec<(String, String)>, JsonFault> {
        let mut headers = Vec::new();
        json.array(|json| {
            let (mut name, mut value) = (JsonScalar::None, JsonScalar::None);
            json.object(|json, key| {
                match key {
                    "name" => name = self.scalar(json)?,
                    "value" => value = self.scalar(json)?,
                    _ => json.pass()?,
                }
                Ok::<_, JsonFault>(())
            })?;
            if let (JsonScalar::Text(name), JsonScalar::Text(value)) = (name, value) {
                self.is_full |= self.room < HEADER;
                self.room = self.room.saturating_sub(HEADER);
                headers.extend((!self.is_full).then_some((name, value)));
            }
            Ok::<_, JsonFault>(())
        })?;
        Ok(headers)
    }
}

/// `request`, as it is read: whatever the fields are, for entries of other kinds are none of ours.
#[derive(Debug, Default)]
pub(super) struct HarRequest {
    method: JsonScalar,
    url: JsonScalar,
    headers: Vec<(String, String)>,
}

/// `response`, as it is read, likewise.
#[derive(Debug, Default)]
pub(super) struct HarResponse {
    status: JsonScalar,
    status_text: JsonScalar,
    http_version: JsonScalar,
    headers: Vec<(String, String)>,
    error: JsonScalar,
}

impl HarRequest {
    pub(super) fn read<R: BufRead>(json: &mut JsonReader<R>, heads: &mut HeadReader) -> Result<Self, JsonFault> {
        let mut request = Self::default();
        json.object(|json, key| {
            match key {
                "method" => request.method = heads.scalar(json)?,
                "url" => request.url = heads.scalar(json)?,
                "headers" => request.headers = heads.headers(json)?,
                _ => json.pass()?,
            }
            Ok::<_, JsonFault>(())
        })?;
        Ok(request)
    }

    pub(super) fn method(&self) -> &str {
        text(&self.method)
    }

    pub(super) fn url(&self) -> &str {
        text(&self.url)
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

impl HarResponse {
    pub(super) fn read<R: BufRead>(json: &mut JsonReader<R>, heads: &mut HeadReader) -> Result<Self, JsonFault> {
        let mut response = Self::default();
        json.object(|json, key| {
            match key {
                "status" => response.status = heads.scalar(json)?,
                "statusText" => response.status_text = heads.scalar(json)?,
                "httpVersion" => response.http_version = heads.scalar(json)?,
                "headers" => response.headers = heads.headers(json)?,
                "_error" => response.error = heads.scalar(json)?,
                _ => json.pass()?,
            }
            Ok::<_, JsonFault>(())
        })?;
        Ok(response)
    }

    /// `None` where no answer came.
    pub(super) fn status(&self) -> Option<u16> {
        let status = self.status.number().filter(|status| (1.0..1000.0).contains(status));
        status.map(|status| status as u16)
    }

    pub(super) fn status_text(&self) -> &str {
        text(&self.status_text)
    }

    pub(super) fn http_version(&self) -> &str {
        text(&self.http_version)
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub(super) fn error(&self) -> Option<&str> {
        self.error.text().filter(|error| !error.is_empty())
    }
}

/// Text, or nothing.
pub(super) fn text(value: &JsonScalar) -> &str {
    value.text().unwrap_or_default()
}

impl HarMessage {
    /// Reads one; what isn't as it has to be is said in words.
    ///
    /// # Errors
    /// What is no JSON.
    pub(super) fn read<R: BufRead>(json: &mut JsonReader<R>) -> Result<Result<Self, String>, JsonFault> {
        let [mut direction, mut time, mut opcode, mut data, mut encoding] = [const { JsonScalar::None }; 5];
        let mut has_half = false;
        let is_object = json.object(|json, key| {
            match key {
                "type" => direction = json.scalar(LONGEST_WORD)?,
                "time" => time = json.scalar(LONGEST_WORD)?,
                "opcode" => opcode = json.scalar(LONGEST_WORD)?,
                "data" => {
                    let before = json.halves();
                    data = json.scalar(LONGEST_DATA)?;
                    has_half = json.halves() > before;
                }
                "encoding" => encoding = json.scalar(LONGEST_WORD)?,
                _ => json.pass()?,
            }
            Ok::<_, JsonFault>(())
        })?;
        let message = || {
            Ok(Self {
                direction: text_of("type", direction)?.unwrap_or_default(),
                time: number_of("time", &time)?,
                opcode: number_of("opcode", &opcode)?.unwrap_or_default() as i64,
                data: text_of("data", data)?,
                encoding: text_of("encoding", encoding)?,
                has_half,
            })
        };
        Ok(if is_object { message() } else { Err("it is not an object".to_owned()) })
    }
}

fn text_of(name: &str, value: JsonScalar) -> Result<Option<String>, String> {
    match value {
        JsonScalar::None => Ok(None),
        JsonScalar::Text(text) => Ok(Some(text)),
        JsonScalar::TooLong if name == "data" => Err("its \"data\" is longer than 96 MiB".to_owned()),
        JsonScalar::TooLong => Err(format!("its {name:?} is not one of the allowed words")),
        JsonScalar::Number(_) | JsonScalar::Other => Err(format!("its {name:?} is not a string")),
    }
}

fn number_of(name: &str, value: &JsonScalar) -> Result<Option<f64>, String> {
    match value {
        JsonScalar::None => Ok(None),
        JsonScalar::Number(number) => Ok(Some(*number)),
        _ => Err(format!("its {name:?} is not a number")),
    }
}

impl HarClose {
    /// Reads one; `None` where nothing is said of how it ended.
    ///
    /// # Errors
    /// What is no JSON.
    pub(super) fn read<R: BufRead>(
        json: &mut JsonReader<R>,
        heads: &mut HeadReader,
    ) -> Result<Option<Self>, JsonFault> {
        if json.kind()? != JsonKind::Object {
            let JsonScalar::Text(word) = heads.scalar(json)? else { return Ok(None) };
            return Ok(Some(Self::Word(word)));
        }
        let (mut code, mut reason, mut timestamp) = (None, None, None);
        json.object(|json, key| {
            match key {
                "code" => code = heads.scalar(json)?.number().filter(|code| (0.0..65536.0).contains(code)),
                "reason" => reason = heads.scalar(json)?.text().map(str::to_owned),
                "timestamp" => timestamp = heads.scalar(json)?.number(),
                _ => json.pass()?,
            }
            Ok::<_, JsonFault>(())
        })?;
        Ok(Some(Self::Close { code: code.map(|code| code as u16), reason, timestamp }))
    }
}

/// One of `_webSocketMessages`.
#[derive(Debug, Serialize)]
pub(super) struct HarMessage {
    /// `send` or `receive`, from the client's side.
    #[serde(rename = "type")]
    pub(super) direction: String,
    /// Seconds since 1970.
    pub(super) time: Option<f64>,
    pub(super) opcode: i64,
    pub(super) data: Option<String>,
    /// `base64`, beside what is; Chrome leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<String>,
    /// Something in the data was no character, and is U+FFFD.
    #[serde(skip)]
    pub(super) has_half: bool,
}

/// `_webSocketClose`, as HTTP Toolkit has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum HarClose {
    Close {
        code: Option<u16>,
        reason: Option<String>,
        /// Seconds since 1970.
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<f64>,
    },
    /// `aborted`.
    Word(String),
}

/// `request`, as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestWritten {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) http_version: String,
    pub(super) cookies: Vec<NameValue>,
    pub(super) headers: Vec<NameValue>,
    pub(super) query_string: Vec<NameValue>,
    pub(super) headers_size: i64,
    pub(super) body_size: i64,
}

/// `response`, as it is written.
#[derive(Debug, Serialize)]
pub(super) struct ResponseWritten {
    pub(super) status: u16,
    #[serde(rename = "statusText")]
    pub(super) status_text: String,
    #[serde(rename = "httpVersion")]
    pub(super) http_version: String,
    pub(super) cookies: Vec<NameValue>,
    pub(super) headers: Vec<NameValue>,
    pub(super) content: ContentWritten,
    #[serde(rename = "redirectURL")]
    pub(super) redirect_url: String,
    #[serde(rename = "headersSize")]
    pub(super) headers_size: i64,
    #[serde(rename = "bodySize")]
    pub(super) body_size: i64,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContentWritten {
    pub(super) size: u64,
    pub(super) mime_type: &'static str,
}

/// What is known of where the time went: nothing but how long it was.
#[derive(Debug, Serialize)]
pub(super) struct Timings {
    pub(super) blocked: i64,
    pub(super) dns: i64,
    pub(super) connect: i64,
    pub(super) ssl: i64,
    pub(super) send: f64,
    pub(super) wait: f64,
    pub(super) receive: f64,
}

/// An entry without its messages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryWritten {
    pub(super) started_date_time: String,
    pub(super) time: f64,
    pub(super) request: RequestWritten,
    pub(super) response: ResponseWritten,
    pub(super) cache: Map<String, Value>,
    pub(super) timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    pub(super) server_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connection: Option<String>,
    #[serde(rename = "_resourceType")]
    pub(super) resource_type: &'static str,
    #[serde(rename = "_webSocketClose", skip_serializing_if = "Option::is_none")]
    pub(super) close: Option<HarClose>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_field_is_said() {
        for (value, why) in [
            (JsonScalar::TooLong, "its \"data\" is longer than 96 MiB"),
            (JsonScalar::Number(1.0), "its \"data\" is not a string"),
            (JsonScalar::Other, "its \"data\" is not a string"),
        ] {
            assert_eq!(text_of("data", value), Err(why.to_owned()));
        }
        assert_eq!(number_of("time", &JsonScalar::TooLong), Err("its \"time\" is not a number".to_owned()));
    }
}
