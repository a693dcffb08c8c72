//! Parts of Redis's answers.

use redis::{ErrorKind, RedisError, RedisResult, Value};

/// The parts of a list, taken one after the other.
#[derive(Debug)]
pub(crate) struct Parts(std::vec::IntoIter<Value>);

impl Parts {
    pub fn of(value: Value) -> RedisResult<Self> {
        let parts = if value == Value::Nil { Vec::new() } else { value.into_sequence().map_err(|_| unexpected())? };
        Ok(Parts(parts.into_iter()))
    }

    pub fn any(&mut self) -> RedisResult<Value> {
        self.0.next().ok_or_else(unexpected)
    }

    pub fn list(&mut self) -> RedisResult<Parts> {
        Parts::of(self.any()?)
    }

    pub fn bytes(&mut self) -> RedisResult<Vec<u8>> {
        let value = self.any()?;
        if let Value::SimpleString(text) = value {
            return Ok(text.into_bytes());
        }
        let Value::BulkString(bytes) = value else { return Err(unexpected()) };
        Ok(bytes)
    }

    pub fn text(&mut self) -> RedisResult<String> {
        String::from_utf8(self.bytes()?).map_err(|_| unexpected())
    }

    /// A number, or the digits of one.
    pub fn number(&mut self) -> RedisResult<u64> {
        let value = self.any()?;
        if let Value::Int(number) = value {
            return u64::try_from(number).map_err(|_| unexpected());
        }
        let Value::BulkString(digits) = value else { return Err(unexpected()) };
        number_of(&digits).ok_or_else(unexpected)
    }

    pub fn is_over(&self) -> bool {
        self.0.len() == 0
    }
}

/// The number that these digits are; a fraction or an exponent, as of a score, is cut off.
fn number_of(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    text.parse().ok().or_else(|| text.parse::<f64>().ok().filter(|number| *number >= 0.0).map(|number| number as u64))
}

pub(crate) fn unexpected() -> RedisError {
    (ErrorKind::UnexpectedReturnType, "an answer of an unexpected form").into()
}
