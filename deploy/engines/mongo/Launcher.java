import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Set;

/** A MongoDB-protocol server for tests: `Launcher <port> [file]`. With a file, what was acknowledged outlives a kill. */
public final class Launcher {
    private static final Set<String> READS =
        Set.of("isMaster", "ismaster", "ping", "aggregate", "find", "getMore", "killCursors", "count", "listCollections", "listIndexes", "buildInfo");
    private static final MongoVersion VERSION = new MongoVersion() {
        public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
        // Its own profile of 5.0 announces 8, which drivers of today refuse.
        public int getWireVersion() { return 13; }
    };

    private static volatile boolean starved;

    public static void main(String[] arguments) {
        MongoBackend backend = arguments.length > 1 ? durable(arguments[1]) : volatileOne();
        MongoServer server = new MongoServer(backend.version(VERSION));
        try {
            server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        } catch (Exception fault) {
            System.err.println("cannot listen: " + fault);
            System.exit(1); // The threads of the network layer would keep the process alive.
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println("READY " + server.getLocalAddress().getPort());
    }

    private static MongoBackend volatileOne() {
        return new MemoryBackend() {
            public MemoryDatabase openOrCreateDatabase(String name) {
                return new MemoryDatabase(name, getCursorRegistry()) {
                    protected Index<Integer> openOrCreateUniqueIndex(String in, String index, List<IndexKey> keys, boolean sparse) {
                        return new Narrowed<>(super.openOrCreateUniqueIndex(in, index, keys, sparse), sparse);
                    }
                };
            }

            public Document handleCommand(Channel channel, String database, String command, Document query) {
                if (refused(command, query)) return new Document("ok", 1.0);
                return counted(query, super.handleCommand(channel, database, known(command), known(query)));
            }
        };
    }

    private static MongoBackend durable(String file) {
        return new H2Backend(file) {
            protected MongoDatabase openOrCreateDatabase(String name) {
                return new H2Database(name, getMvStore(), getCursorRegistry()) {
                    protected Index<Object> openOrCreateUniqueIndex(String in, String index, List<IndexKey> keys, boolean sparse) {
                        return new Narrowed<>(super.openOrCreateUniqueIndex(in, index, keys, sparse), sparse);
                    }
                };
            }

            public Document handleCommand(Channel channel, String database, String command, Document query) {
                if (refused(command, query)) return new Document("ok", 1.0);
                Document answer = super.handleCommand(channel, database, known(command), known(query));
                if (!READS.contains(known(command))) commit(); // Its own commit comes up to a second later.
                return counted(query, answer);
            }
        };
    }

    /** `starve: true` makes every write fail as on a full disk, until `starve: false`. */
    private static boolean refused(String command, Document query) {
        if (command.equals("starve")) starved = Boolean.TRUE.equals(query.get("starve"));
        else if (starved && !READS.contains(known(command)))
            throw new MongoServerError(14031, "OutOfDiskSpace", "the disk is full");
        return command.equals("starve");
    }

    private static String known(String command) {
        return command.equals("hello") ? "isMaster" : command;
    }

    /** `$set` is the newer name of `$addFields`. */
    private static Document known(Document query) {
        if (query.get("pipeline") instanceof List<?> stages)
            for (Object stage : stages)
                if (stage instanceof Document one && one.containsKey("$set")) one.put("$addFields", one.remove("$set"));
        return query;
    }

    /** Of an unordered insert it counts the refused ones too. */
    private static Document counted(Document query, Document answer) {
        boolean unordered = query.containsKey("insert") && Boolean.FALSE.equals(query.get("ordered"));
        if (unordered && answer.get("writeErrors") instanceof List<?> refused && answer.get("n") instanceof Number all)
            answer.put("n", all.intValue() - refused.size());
        return answer;
    }
}
