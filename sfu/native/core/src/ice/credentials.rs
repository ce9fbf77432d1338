//! What both sides agreed on and every genuine request shows; around a restart there are two of them.
use super::Refusal;
use crate::stun::{Class, Key, Message};

struct Credentials {
    /// "local:remote"
    username: Box<[u8]>,
    key: Key,
}

/// Which of the credentials a request has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Present,
    Former,
}

pub struct Keyring {
    present: Credentials,
    /// Those of the selected path, until one is nominated with the present ones (RFC 8445 section 9).
    former: Option<Credentials>,
}

impl Keyring {
    pub fn new(local_ufrag: &str, local_password: &str, remote_ufrag: &str) -> Keyring {
        Keyring {
            present: Credentials::new(local_ufrag, local_password, remote_ufrag),
            former: None,
        }
    }

    /// Takes other credentials; of those that never led to a selected path nothing stays.
    pub fn restart(&mut self, local_ufrag: &str, local_password: &str, remote_ufrag: &str) {
        let fresh = Credentials::new(local_ufrag, local_password, remote_ufrag);
        let before = std::mem::replace(&mut self.present, fresh);
        self.former.get_or_insert(before);
    }

    /// The present credentials have led to a selected path.
    pub fn settle(&mut self) {
        self.former = None;
    }

    pub fn has_former(&self) -> bool {
        self.former.is_some()
    }

    /// Which credentials a request shows, and the key that its answer is made with. The cheap questions come first, so
    /// that a flood of foreign requests costs no hash.
    pub fn authenticate(&self, message: &Message<'_>) -> Result<(Shown, &Key), Refusal> {
        if message.class != Class::Request {
            return Err(Refusal::NotARequest);
        }
        let username = message.username.ok_or(Refusal::NoUsername)?;
        let (shown, credentials) = match &self.former {
            _ if *username == *self.present.username => (Shown::Present, &self.present),
            Some(former) if *username == *former.username => (Shown::Former, former),
            _ => return Err(Refusal::WrongUsername),
        };
        if !message.has_integrity() {
            return Err(Refusal::NoIntegrity);
        }
        if !message.verify_integrity(&credentials.key) {
            return Err(Refusal::WrongIntegrity);
        }
        Ok((shown, &credentials.key))
    }
}

impl Credentials {
    fn new(local_ufrag: &str, local_password: &str, remote_ufrag: &str) -> Credentials {
        Credentials {
            username: format!("{local_ufrag}:{remote_ufrag}")
                .into_bytes()
                .into_boxed_slice(),
            key: Key::new(local_password),
        }
    }
}
