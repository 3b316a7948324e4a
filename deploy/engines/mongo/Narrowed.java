import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.bson.Document;

/**
 * An index that also serves queries asking for more than its key: `{_id: x, seq: {$lt: 5}}` would read the whole
 * collection otherwise. What it finds is matched against the whole query by its caller.
 */
final class Narrowed<P> extends Index<P> {
    private static final String ID = "_id";
    private final Index<P> inner;

    Narrowed(Index<P> inner, boolean sparse) {
        super(inner.getName(), inner.getKeys(), sparse);
        this.inner = inner;
    }

    private Document own(Document query) {
        boolean more = keySet().size() == 1 && keySet().contains(ID) && query.size() > 1 && query.get(ID) instanceof String;
        return more ? new Document(ID, query.get(ID)) : query;
    }

    @Override public boolean canHandle(Document query) { return inner.canHandle(own(query)); }
    @Override public Iterable<P> getPositions(Document query) { return inner.getPositions(own(query)); }
    @Override public P getPosition(Document document) { return inner.getPosition(document); }
    @Override public void checkAdd(Document document, MongoCollection<P> into) { inner.checkAdd(document, into); }
    @Override public void add(Document document, P place, MongoCollection<P> into) { inner.add(document, place, into); }
    @Override public P remove(Document document) { return inner.remove(document); }
    @Override public long getCount() { return inner.getCount(); }
    @Override public long getDataSize() { return inner.getDataSize(); }
    @Override public void checkUpdate(Document old, Document fresh, MongoCollection<P> into) { inner.checkUpdate(old, fresh, into); }
    @Override public void updateInPlace(Document old, Document fresh, P place, MongoCollection<P> into) { inner.updateInPlace(old, fresh, place, into); }
    @Override public boolean isUnique() { return inner.isUnique(); }
    @Override public void drop() { inner.drop(); }
}
