//! From columns to the domain's types. What was written was valid, so a column that does not
//! convert is a fault of the data and names its row.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::postgres::PgQueryResult;

use super::Error;

/// Which row is converted, for the error that names it.
#[derive(Clone, Copy)]
pub(super) struct RowOf<Id>(pub(super) &'static str, pub(super) Id);

impl<Id: Display> RowOf<Id> {
    /// The error of a column that does not convert.
    pub(super) fn fault(&self, column: &'static str) -> Error {
        Error::inconsistent(self.0, column, &self.1)
    }

    /// A word or a text.
    pub(super) fn parse<T: FromStr>(&self, column: &'static str, text: &str) -> Result<T, Error> {
        text.parse().map_err(|_| self.fault(column))
    }

    /// The same for a column that may be null.
    pub(super) fn parse_opt<T: FromStr>(
        &self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, Error> {
        text.map(|text| self.parse(column, text)).transpose()
    }

    /// A number that the domain holds in another type.
    pub(super) fn number<T: TryFrom<N>, N>(
        &self,
        column: &'static str,
        number: N,
    ) -> Result<T, Error> {
        T::try_from(number).map_err(|_| self.fault(column))
    }

    /// A value that is stored as JSON.
    pub(super) fn json<T: DeserializeOwned>(
        &self,
        column: &'static str,
        json: Value,
    ) -> Result<T, Error> {
        serde_json::from_value(json).map_err(|_| self.fault(column))
    }

    /// The JSON that a value is stored as.
    pub(super) fn to_json<T: Serialize + ?Sized>(
        &self,
        column: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        serde_json::to_value(value).map_err(|_| self.fault(column))
    }

    /// The same as text, for what is written often: no tree of values is made on the way.
    pub(super) fn to_json_text<T: Serialize + ?Sized>(
        &self,
        column: &'static str,
        value: &T,
    ) -> Result<String, Error> {
        serde_json::to_string(value).map_err(|_| self.fault(column))
    }

    /// A column that is null only where another one says so.
    pub(super) fn present<T>(&self, column: &'static str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.fault(column))
    }

    /// Checks that a write has touched this one row. `key` is the column that named it.
    pub(super) fn written(&self, key: &'static str, done: &PgQueryResult) -> Result<(), Error> {
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(self.fault(key))
        }
    }
}
