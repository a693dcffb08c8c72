//! A client's connection over TLS, once its session has it.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::task::{Context, Poll};

use rustls::ServerConnection;
use tokio::net::TcpStream;

use crate::transport::tcp;

/// Encrypts what is written and decrypts what is read. Of ciphertext it keeps what the system has not taken, one record at
/// most; then it takes nothing more.
pub struct TlsSocket {
    tcp: TcpStream,
    session: RefCell<Box<ServerConnection>>,
    /// Ciphertext that the system has not taken.
    held: RefCell<Held>,
    /// Decrypted bytes wait, or more could be decrypted: the system won't tell of them.
    is_readable: Cell<bool>,
}

#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    sent: usize,
}

/// Plaintext of one record (RFC 8446 §5.1).
const RECORD_BYTES: usize = 16 * 1024;
const PARTS_MAX: usize = 64;
/// Reads from the system for one read of plaintext: records may be empty, and others wait their turn.
const READS_MAX: usize = 16;

impl TlsSocket {
    /// `session`: after its handshake.
    pub fn new(tcp: TcpStream, session: ServerConnection) -> Self {
        // What came with the end of the handshake is decrypted already.
        TlsSocket {
            tcp,
            session: RefCell::new(Box::new(session)),
            held: RefCell::default(),
            is_readable: Cell::new(true),
        }
    }

    pub fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut session = self.session.borrow_mut();
        self.is_readable.set(true);
        for _ in 0..READS_MAX {
            match session.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // The end without the alert that announces it: the frames above tell whether something is missing.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
                Err(error) => return Err(error),
                Ok(read) => {
                    // With room left in the buffer, all that was decrypted is taken, and the system tells of more.
                    self.is_readable.set(read == buffer.len());
                    return Ok(read);
                }
            }
            match session.read_tls(&mut Tcp(&self.tcp)) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.is_readable.set(false);
                    return Err(error);
                }
                read => read?,
            };
            let processed = session.process_new_packets();
            // Alerts and key updates go out, as far as possible.
            self.encrypted(&mut session)?;
            processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        }
        Err(ErrorKind::WouldBlock.into())
    }

    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.try_write_vectored(&[IoSlice::new(bytes)])
    }

    /// Small slices share a record.
    pub fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.try_flush()?;
        let mut session = self.session.borrow_mut();
        let mut slices = slices.iter().map(|slice| &**slice);
        let mut begun: &[u8] = &[];
        let mut taken = 0;
        loop {
            let mut record = [IoSlice::new(&[]); PARTS_MAX];
            let (mut parts, mut room) = (0, RECORD_BYTES);
            while room > 0 && parts < PARTS_MAX {
                if begun.is_empty() {
                    match slices.next() {
                        Some(slice) => begun = slice,
                        None => break,
                    }
                }
                let (part, rest) = begun.split_at(begun.len().min(room));
                record[parts] = IoSlice::new(part);
                (begun, parts, room) = (rest, parts + 1, room - part.len());
            }
            if room == RECORD_BYTES {
                return Ok(taken);
            }
            taken += session.writer().write_vectored(&record[..parts])?;
            self.encrypted(&mut session)?;
            if self.held() > 0 {
                return Ok(taken);
            }
        }
    }

    /// Returns the bytes of ciphertext that the system has not taken.
    pub fn held(&self) -> usize {
        let held = self.held.borrow();
        held.bytes.len() - held.sent
    }

    /// Sends all that is held.
    ///
    /// # Errors
    /// `WouldBlock` if some is left.
    pub fn try_flush(&self) -> io::Result<()> {
        let mut held = self.held.borrow_mut();
        while held.sent < held.bytes.len() {
            let sent = self.tcp.try_write(&held.bytes[held.sent..])?;
            if sent == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            held.sent += sent;
        }
        *held = Held::default();
        Ok(())
    }

    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_readable.get() { Poll::Ready(Ok(())) } else { self.tcp.poll_read_ready(cx) }
    }

    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp.poll_write_ready(cx)
    }

    /// Announces the end of what is written (RFC 8446 §6.1). After it only reading makes sense.
    pub fn close_notify(&self) {
        let mut session = self.session.borrow_mut();
        session.send_close_notify();
        let _ = self.encrypted(&mut session); // who can't be told is gone
    }

    /// Sends ciphertext that is new, behind what is held, and holds the rest.
    fn encrypted(&self, session: &mut ServerConnection) -> io::Result<()> {
        while session.wants_write() && self.held() == 0 {
            match session.write_tls(&mut Tcp(&self.tcp)) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let mut held = self.held.borrow_mut();
        while session.wants_write() {
            session.write_tls(&mut held.bytes)?;
        }
        Ok(())
    }
}

/// The socket as rustls reads and writes it.
struct Tcp<'a>(&'a TcpStream);

impl Read for Tcp<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        tcp::try_read(self.0, buffer)
    }
}

impl Write for Tcp<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
