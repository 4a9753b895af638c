//! Rows that a block is repeated for: of a JSON array, or of a file of CSV (RFC 4180), JSON or NDJSON.

use serde_json::Value;

use super::super::syntax_error::PieceError;
use super::template::is_name;
use crate::view::amount::Count;

/// Rows of one table.
const MOST_ROWS: usize = 100_000;

/// A row: the names that its values have, and those. Text stands for itself, anything else as JSON has it.
pub(super) type TableRow = Vec<(String, String)>;

/// The elements of a JSON array, which `name` stands for, and members of those that are objects, `name.member`.
///
/// # Errors
/// What is no array, or has too many elements.
pub(super) fn of_json(name: &str, text: &str) -> Result<Vec<TableRow>, PieceError> {
    let rows: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        let at = if error.is_eof() { text.len() } else { error.column().saturating_sub(1).min(text.len()) };
        PieceError::at(at, format!("it is not a JSON array: {}", crate::view::json_text::fault(&error)))
    })?;
    limited(rows.iter().map(|value| row(name, value)).collect())
}

/// The rows of a file, by the end of its name.
///
/// # Errors
/// What can't be read.
pub(super) fn of_file(name: &str, path: &str, content: &str) -> Result<Vec<TableRow>, String> {
    // Spreadsheets and PowerShell put a byte order mark before it.
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let rows = match path.rsplit_once('.').map(|(_, end)| end) {
        Some("json") => return of_json(name, content).map_err(|error| error.why),
        Some("ndjson" | "jsonl") => content
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(number, line)| {
                let value = serde_json::from_str(line);
                let value: Value = value.map_err(|error| format!("line {}: {error}", number + 1))?;
                Ok(row(name, &value))
            })
            .collect::<Result<Vec<_>, String>>()?,
        Some("csv") => csv(name, content)?,
        _ => return Err(format!("{path} is not a table: a name that ends in .csv, .json or .ndjson is")),
    };
    limited(rows).map_err(|error| error.why)
}

fn limited(rows: Vec<TableRow>) -> Result<Vec<TableRow>, PieceError> {
    match rows.len() > MOST_ROWS {
        true => Err(PieceError::at(0, format!("it has over {MOST_ROWS} rows"))),
        false => Ok(rows),
    }
}

fn row(name: &str, value: &Value) -> TableRow {
    let mut row = vec![(name.to_owned(), text(value))];
    if let Value::Object(members) = value {
        let named = members.iter().filter(|(member, _)| is_name(member));
        row.extend(named.map(|(member, value)| (format!("{name}.{member}"), text(value))));
    }
    row
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The first record has the names of the columns.
fn csv(name: &str, content: &str) -> Result<Vec<TableRow>, String> {
    let mut records = records(content)?.into_iter();
    let names = records.next().ok_or("it has no line with the names of its columns")?;
    if let Some(wrong) = names.iter().find(|name| !is_name(name.trim())) {
        return Err(format!("{wrong:?} is not a name of a column: letters, digits, - and _"));
    }
    let row = |(number, record): (usize, Vec<String>)| {
        if record.len() != names.len() {
            let (values, columns) = (Count(record.len() as u64, "value"), Count(names.len() as u64, "column"));
            return Err(format!("record {} has {values} for {columns}", number + 2));
        }
        let named = names.iter().map(|column| format!("{name}.{}", column.trim()));
        Ok(named.zip(record).collect())
    };
    records.enumerate().map(row).collect()
}

fn records(content: &str) -> Result<Vec<Vec<String>>, String> {
    let (mut records, mut record, mut value) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = content.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => value.extend(chars.next()),
            '"' if quoted || value.is_empty() => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut value)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut value));
                records.push(std::mem::take(&mut record));
            }
            c => value.push(c),
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    if !value.is_empty() || !record.is_empty() {
        record.push(value);
        records.push(record);
    }
    // An empty line is no record.
    records.retain(|record| record.iter().any(|value| !value.is_empty()));
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rows: &[TableRow]) -> String {
        let row =
            |row: &TableRow| row.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
        rows.iter().map(row).collect::<Vec<_>>().join(";")
    }

    #[test]
    fn rows_have_names_for_their_values() {
        assert_eq!(
            shown(&of_json("x", r#"["a", 1, {"b": true, "c d": 2}]"#).unwrap()),
            "x=a;x=1;x={\"b\":true,\"c d\":2} x.b=true"
        );
        let csv = "\u{feff}name,note\r\nann,\"a, \"\"b\"\"\nc\"\n\nbob,\n";
        assert_eq!(shown(&of_file("u", "a.csv", csv).unwrap()), "u.name=ann u.note=a, \"b\"\nc;u.name=bob u.note=");
        assert_eq!(
            shown(&of_file("u", "a.ndjson", "{\"n\":1}\n\n{\"n\":2}").unwrap()),
            "u={\"n\":1} u.n=1;u={\"n\":2} u.n=2"
        );
        for (path, content, says) in [
            ("a.csv", "", "no line with the names"),
            ("a.csv", "a,b\n1", "record 2 has 1 value for 2 columns"),
            ("a.csv", "a\n\"x", "a quote is not closed"),
            ("a.txt", "", "is not a table"),
            ("a.json", "{}", "not a JSON array"),
        ] {
            let why = of_file("u", path, content).unwrap_err();
            assert!(why.contains(says), "{path}: {why}");
        }
    }
}
