//! A server's TLS, with a certificate for this machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The certificate of the server, which nobody else vouches for.
pub fn certificate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tls/certificate.pem")
}

/// What speaks TLS with it.
///
/// # Panics
/// If the files are not there.
pub fn acceptor() -> TlsAcceptor {
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tls/key.pem");
    let key = PrivateKeyDer::from_pem_file(key).expect("the key is there");
    let certificate = CertificateDer::from_pem_file(certificate()).expect("the certificate is there");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    TlsAcceptor::from(Arc::new(config.expect("they fit")))
}
