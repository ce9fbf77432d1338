//! Writing a compound packet into the caller's buffer.
use super::bytes::put_word;
use super::{ArrivalStatuses, ReportBlock, RtcpError, SenderInfo};

/// The five bits of a packet's count.
const MAX_COUNT: usize = 31;

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
    pub fn sender_report(&mut self, info: &SenderInfo, blocks: &[ReportBlock]) -> Result<(), RtcpError> {
        let body = self.packet(
            200,
            blocks.len(),
            SenderInfo::LEN + blocks.len() * ReportBlock::LEN,
        )?;
        info.write(body);
        write_blocks(&mut body[SenderInfo::LEN..], blocks);
        Ok(())
    }

    /// RR with up to 31 blocks.
    pub fn receiver_report(&mut self, ssrc: u32, blocks: &[ReportBlock]) -> Result<(), RtcpError> {
        let body = self.packet(201, blocks.len(), 4 + blocks.len() * ReportBlock::LEN)?;
        put_word(body, 0, ssrc);
        write_blocks(&mut body[4..], blocks);
        Ok(())
    }

    /// SDES with one CNAME of up to 255 bytes.
    pub fn cname(&mut self, ssrc: u32, cname: &[u8]) -> Result<(), RtcpError> {
        let len = u8::try_from(cname.len()).map_err(|_| RtcpError::TooMany)?;
        // The end mark is at least one zero byte (RFC 3550 §6.5).
        let items_len = (2 + cname.len() + 1).next_multiple_of(4);
        let body = self.packet(202, 1, 4 + items_len)?;
        put_word(body, 0, ssrc);
        body[4..6].copy_from_slice(&[1, len]);
        body[6..6 + cname.len()].copy_from_slice(cname);
        body[6 + cname.len()..].fill(0);
        Ok(())
    }

    /// Generic NACK of sequence numbers in rising order (across the wrap too). Writes nothing for none.
    pub fn nack(
        &mut self,
        sender_ssrc: u32,
        media_ssrc: u32,
        missing: impl IntoIterator<Item = u16>,
    ) -> Result<(), RtcpError> {
        let start = self.len;
        let written = self.write_nack(sender_ssrc, media_ssrc, missing.into_iter());
        if written.is_err() {
            self.len = start;
        }
        written
    }

    fn write_nack(
        &mut self,
        sender_ssrc: u32,
        media_ssrc: u32,
        mut missing: impl Iterator<Item = u16>,
    ) -> Result<(), RtcpError> {
        let Some(mut id) = missing.next() else {
            return Ok(());
        };
        let start = self.len;
        self.feedback(205, 1, sender_ssrc, media_ssrc, 0)?;
        let mut mask = 0;
        for sequence in missing {
            match sequence.wrapping_sub(id) {
                0 => {}
                offset @ 1..=16 => mask |= 1 << (offset - 1),
                _ => {
                    self.append_pair(start, id, mask)?;
                    (id, mask) = (sequence, 0);
                }
            }
        }
        self.append_pair(start, id, mask)
    }

    /// Lengthens the NACK that begins at `start` by one pair.
    fn append_pair(&mut self, start: usize, id: u16, mask: u16) -> Result<(), RtcpError> {
        let pair = self
            .buffer
            .get_mut(self.len..self.len + 4)
            .ok_or(RtcpError::NoRoom)?;
        put_word(pair, 0, u32::from(id) << 16 | u32::from(mask));
        self.len += 4;
        let words = u16::try_from((self.len - start) / 4 - 1).map_err(|_| RtcpError::TooMany)?;
        self.buffer[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
        Ok(())
    }

    /// Transport-wide feedback about packets from number `base` on; `count` numbers such feedback.
    pub fn transport_cc(
        &mut self,
        sender_ssrc: u32,
        media_ssrc: u32,
        base: u16,
        count: u8,
        statuses: &ArrivalStatuses,
    ) -> Result<(), RtcpError> {
        let start = self.len;
        self.feedback(205, 15, sender_ssrc, media_ssrc, 0)?;
        let written = self.write_statuses(start, base, count, statuses);
        if written.is_err() {
            self.len = start;
        }
        written
    }

    fn write_statuses(
        &mut self,
        start: usize,
        base: u16,
        count: u8,
        statuses: &ArrivalStatuses,
    ) -> Result<(), RtcpError> {
        let body = &mut self.buffer[self.len..];
        let len = statuses.write(body, base, count)?;
        // The draft fills the last word with zeros and leaves the P bit clear.
        let padded = len.next_multiple_of(4);
        body.get_mut(len..padded).ok_or(RtcpError::NoRoom)?.fill(0);
        self.len += padded;
        let words = u16::try_from((self.len - start) / 4 - 1).map_err(|_| RtcpError::TooMany)?;
        self.buffer[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
        Ok(())
    }

    pub fn pli(&mut self, sender_ssrc: u32, media_ssrc: u32) -> Result<(), RtcpError> {
        self.feedback(206, 1, sender_ssrc, media_ssrc, 0)?;
        Ok(())
    }

    /// FIR with one entry; `sequence` rises with each new request and stays for a repeat.
    pub fn fir(&mut self, sender_ssrc: u32, media_ssrc: u32, sequence: u8) -> Result<(), RtcpError> {
        // The media source of the common header is unused and zero (RFC 5104 §4.3.1.2).
        let entry = self.feedback(206, 4, sender_ssrc, 0, 8)?;
        put_word(entry, 0, media_ssrc);
        put_word(entry, 4, u32::from(sequence) << 24);
        Ok(())
    }

    /// BYE of up to 31 sources.
    pub fn goodbye(&mut self, ssrcs: &[u32]) -> Result<(), RtcpError> {
        let body = self.packet(203, ssrcs.len(), 4 * ssrcs.len())?;
        for (out, ssrc) in body.chunks_exact_mut(4).zip(ssrcs) {
            put_word(out, 0, *ssrc);
        }
        Ok(())
    }

    fn feedback(
        &mut self,
        packet_type: u8,
        format: usize,
        sender_ssrc: u32,
        media_ssrc: u32,
        information_len: usize,
    ) -> Result<&mut [u8], RtcpError> {
        let body = self.packet(packet_type, format, 8 + information_len)?;
        put_word(body, 0, sender_ssrc);
        put_word(body, 4, media_ssrc);
        Ok(&mut body[8..])
    }

    /// Writes the head and hands out the body, whose length is in whole words.
    fn packet(&mut self, packet_type: u8, count: usize, body_len: usize) -> Result<&mut [u8], RtcpError> {
        if count > MAX_COUNT {
            return Err(RtcpError::TooMany);
        }
        let end = self.len + 4 + body_len;
        let packet = self.buffer.get_mut(self.len..end).ok_or(RtcpError::NoRoom)?;
        self.len = end;
        let (head, body) = packet.split_at_mut(4);
        put_word(
            head,
            0,
            0x8000_0000 | (count as u32) << 24 | u32::from(packet_type) << 16 | (body_len / 4) as u32,
        );
        Ok(body)
    }
}

fn write_blocks(out: &mut [u8], blocks: &[ReportBlock]) {
    for (out, block) in out.chunks_exact_mut(ReportBlock::LEN).zip(blocks) {
        block.write(out);
    }
}
