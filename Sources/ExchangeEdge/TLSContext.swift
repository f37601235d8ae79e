import Crypto
import Foundation
public import NIOSSL
import SwiftASN1
import X509

/// How connections are encrypted.
public enum TLSOption: Sendable, Hashable {
    /// Not at all.
    case none
    /// With a certificate and its key, as PEM files.
    case files(certificate: String, key: String)
    /// With a certificate that is made at the start, for tests: clients must not check it.
    case selfSigned
}

/// A file of a certificate or a key that cannot be used.
public struct TLSError: Error, CustomStringConvertible, Sendable {
    /// Which, and what was expected.
    public let description: String
}

/// Makes what encrypts connections.
public enum TLSContext {
    /// Nil if they are not encrypted.
    ///
    /// - Throws: `TLSError`, or the library's error.
    public static func make(_ option: TLSOption) throws -> NIOSSLContext? {
        switch option {
        case .none: return nil
        case .files(let certificate, let key):
            guard let chain = try? NIOSSLCertificate.fromPEMFile(certificate), !chain.isEmpty else {
                throw TLSError(
                    description: "--tls: \(certificate) holds no certificate as PEM, or cannot be read"
                )
            }
            guard let own = try? NIOSSLPrivateKey(file: key, format: .pem) else {
                throw TLSError(description: "--tls: \(key) holds no private key as PEM, or cannot be read")
            }
            return try context(chain.map { .certificate($0) }, own)
        case .selfSigned:
            let (certificate, key) = try selfSigned()
            return try context(
                [.certificate(try NIOSSLCertificate(bytes: certificate, format: .der))],
                try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
            )
        }
    }

    private static func context(_ chain: [NIOSSLCertificateSource], _ key: NIOSSLPrivateKey) throws
        -> NIOSSLContext
    {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    /// A certificate for this machine's own names, good for a year; its key is never written anywhere.
    private static func selfSigned() throws -> (certificate: [UInt8], key: String) {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("localhost") }
        let now = Date()
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: now.addingTimeInterval(-3_600),
            notValidAfter: now.addingTimeInterval(365 * 86_400),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                SubjectAlternativeNames([
                    .dnsName("localhost"), .dnsName("demo-fapi.localhost"),
                    .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                ])
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return (serializer.serializedBytes, key.pemRepresentation)
    }
}
