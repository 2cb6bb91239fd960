package org.pgrunbook.sql

import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import java.util.Base64
import java.util.logging.Handler
import java.util.logging.Logger
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.fixtures.HeardRun
import org.pgrunbook.inventory.SqlSettings
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Isolated
import spock.lang.Specification
import spock.lang.TempDir
import spock.util.environment.RestoreSystemProperties

/** A server with a certificate for the address 127.0.0.1, and not for the name localhost. */
@Isolated // it changes the properties of the JVM
class TlsSpec extends Specification {
    @Shared
    @AutoCleanup
    EmbeddedPostgres server

    @Shared
    @TempDir
    Path shared

    @TempDir
    Path home

    @Shared
    String certificate

    @AutoCleanup
    Sql sql

    def setupSpec() {
        server = EmbeddedPostgres.start(18)
        def (key, ours) = keyAndCertificate('127.0.0.1')
        certificate = ours
        server.secure(key, ours)
    }

    /** A private key and a certificate signed by itself, for an address. */
    private List<String> keyAndCertificate(String address) {
        def store = Files.createTempDirectory(shared, 'keys').resolve('store.p12')
        def keytool = Path.of(System.getProperty('java.home'), 'bin', 'keytool').toString()
        def made = [keytool, '-genkeypair', '-alias', 'server', '-keyalg', 'EC', '-dname', "CN=$address", '-ext', "SAN=ip:$address",
                    '-validity', '2', '-storetype', 'PKCS12', '-keystore', store, '-storepass', 'only-here']*.toString().execute()
        assert made.waitFor() == 0
        def keys = KeyStore.getInstance(store.toFile(), 'only-here'.toCharArray())
        [pem('PRIVATE KEY', keys.getKey('server', 'only-here'.toCharArray()).encoded),
         pem('CERTIFICATE', keys.getCertificate('server').encoded)]
    }

    private static String pem(String label, byte[] der) {
        "-----BEGIN $label-----\n${Base64.getMimeEncoder(64, '\n'.bytes).encodeToString(der)}\n-----END $label-----\n"
    }

    private void trust(String root) {
        System.setProperty('user.home', home.toString())
        def file = Files.createDirectories(home.resolve('.postgresql')).resolve('root.crt').toFile()
        file.text = root
    }

    private String cipher(String mode, String host = '127.0.0.1') {
        sql = new Sql('orders/pg1', new SqlSettings(host, server.port, 'postgres', 'postgres', mode, Optional.empty(), false),
            new HeardRun().run, EmbeddedPostgres.noTunnel())
        sql.value('SELECT coalesce(cipher, \'none\') FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    }

    @RestoreSystemProperties
    def "sslmode #mode ends up encrypted: #encrypted"() {
        given:
        trust(certificate)

        expect:
        (cipher(mode) != 'none') == encrypted

        where:
        mode          || encrypted
        'disable'     || false
        'prefer'      || true
        'require'     || true
        'verify-ca'   || true
        'verify-full' || true
    }

    @RestoreSystemProperties
    def "verify-full takes the certificate only for the host that it names"() {
        given:
        trust(certificate)
        def saidBesides = []
        def ear = [publish: { saidBesides << it }, flush: {}, close: {}] as Handler
        Logger.getLogger('org.postgresql').addHandler(ear)

        when:
        cipher('verify-full', 'localhost')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().contains('hostname localhost could not be verified')
        problem.hints() == ['Compare the host in the inventory with the names in the server\'s certificate.']
        saidBesides == []

        and:
        cipher('verify-ca', 'localhost') != 'none'

        cleanup:
        Logger.getLogger('org.postgresql').removeHandler(ear)
    }

    @RestoreSystemProperties
    def "a certificate of somebody else's is not taken"() {
        given:
        trust(keyAndCertificate('127.0.0.1')[1])

        when:
        cipher('verify-full')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.hints() == ["Check the server's certificate against the authority in ~/.postgresql/root.crt."]
    }

    @RestoreSystemProperties
    def "without an authority to verify by, it says where one is looked for"() {
        given:
        System.setProperty('user.home', home.toString())

        when:
        cipher('verify-full')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.hints() == ['Put the certificate of the authority that signed the server\'s into ~/.postgresql/root.crt.']
    }
}
