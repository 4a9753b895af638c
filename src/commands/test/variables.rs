//! What tests are given from outside: by flags, and by a file with a table for each environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::stdio::file;
use crate::stdio::secret::Secret;

/// As flags name them.
#[derive(Debug, Default)]
pub(crate) struct TestVariables {
    pub(crate) given: Vec<(String, String)>,
    /// Those that are shown nowhere.
    pub(crate) secrets: Vec<(String, Secret)>,
    /// TOML or JSON: names with values, and tables of them by the name of an environment.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) environment: Option<String>,
}

/// The values themselves.
#[derive(Debug)]
pub(super) struct ReadVariables {
    pub(super) all: BTreeMap<String, String>,
    pub(super) secrets: Vec<String>,
}

impl TestVariables {
    /// What was given by a flag counts more than what a file says, and what the environment's table says more than the rest
    /// of the file.
    ///
    /// # Errors
    /// Files that can't be read, an environment that none of them has.
    pub(super) fn read(&self) -> Result<ReadVariables, Error> {
        let mut all = BTreeMap::new();
        let mut environments = Vec::new();
        let mut is_found = false;
        for path in &self.files {
            let file = variables_file(path)?;
            let table = |value: &Value| value.as_object().cloned();
            let own = file.iter().filter(|(_, value)| !value.is_object());
            all.extend(own.map(|(name, value)| (name.clone(), text(value))));
            environments.extend(file.iter().filter(|(_, value)| value.is_object()).map(|(name, _)| name.clone()));
            if let Some(table) = self.environment.as_ref().and_then(|name| table(file.get(name)?)) {
                is_found = true;
                all.extend(table.iter().map(|(name, value)| (name.clone(), text(value))));
            }
        }
        if let Some(environment) = self.environment.as_ref().filter(|_| !is_found) {
            let known = if environments.is_empty() { "none".to_owned() } else { environments.join(", ") };
            return Err(Error::usage(format!(
                "no file of variables has the environment {environment:?}; there is: {known}"
            )));
        }
        all.extend(self.given.iter().cloned());
        let mut secrets = Vec::new();
        for (name, secret) in &self.secrets {
            let secret = secret.read()?;
            secrets.push(secret.clone());
            all.insert(name.clone(), secret);
        }
        Ok(ReadVariables { all, secrets })
    }
}

fn variables_file(path: &Path) -> Result<serde_json::Map<String, Value>, Error> {
    let content = file::text(path)?;
    let is_json = content.trim_start().starts_with('{');
    let value: Result<Value, String> = match is_json {
        true => serde_json::from_str(&content).map_err(|error| error.to_string()),
        false => toml::from_str(&content).map_err(|error: toml::de::Error| {
            let at = error.span().and_then(|span| content.get(..span.start));
            let place = at.map(|before| {
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                format!(" at line {} column {column}", before.matches('\n').count() + 1)
            });
            format!("{}{}", error.message(), place.unwrap_or_default())
        }),
    };
    match value {
        Ok(Value::Object(table)) => Ok(table),
        Ok(_) => Err(Error::file(path, "it is not a table of names and values")),
        Err(why) => Err(Error::file(path, format!("it is neither TOML nor JSON: {why}"))),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
