//! Writing a compound packet into the caller's buffer.
use super::{ReportBlock, RtcpError, SenderInfo};

/// Appends packets to a buffer; a packet that does not fit leaves it as it was.
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub fn new(buffer: &'a mut [u8]) -> Writer<'a> {
        Writer { buffer, len: 0 }
    }

    /// How many bytes are written.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// SR with up to 31 blocks.
    pub fn sender_report(&mut self, _info: &SenderInfo, _blocks: &[ReportBlock]) -> Result<(), RtcpError> {
        let _ = &self.buffer;
        todo!()
    }

    /// RR with up to 31 blocks.
    pub fn receiver_report(&mut self, _ssrc: u32, _blocks: &[ReportBlock]) -> Result<(), RtcpError> {
        todo!()
    }

    /// SDES with one CNAME of up to 255 bytes.
    pub fn cname(&mut self, _ssrc: u32, _cname: &[u8]) -> Result<(), RtcpError> {
        todo!()
    }

    /// Generic NACK of sequence numbers in rising order (across the wrap too). Writes nothing for none.
    pub fn nack(
        &mut self,
        _sender_ssrc: u32,
        _media_ssrc: u32,
        _missing: impl IntoIterator<Item = u16>,
    ) -> Result<(), RtcpError> {
        todo!()
    }

    pub fn pli(&mut self, _sender_ssrc: u32, _media_ssrc: u32) -> Result<(), RtcpError> {
        todo!()
    }

    /// FIR with one entry; `sequence` rises with each new request and stays for a repeat.
    pub fn fir(&mut self, _sender_ssrc: u32, _media_ssrc: u32, _sequence: u8) -> Result<(), RtcpError> {
        todo!()
    }

    /// BYE of up to 31 sources.
    pub fn goodbye(&mut self, _ssrcs: &[u32]) -> Result<(), RtcpError> {
        todo!()
    }
}
