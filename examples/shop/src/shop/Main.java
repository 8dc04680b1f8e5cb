package shop;

import java.security.Security;

/** {@code shop.Main} serves; {@code shop.Main migrate} brings the tables to where this version wants them. */
final class Main {
    private static final double LINGER_SECONDS = 3;

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        // A database that fails over keeps its name and changes its address.
        Security.setProperty("networkaddress.cache.ttl", "5");
        try {
            Config config = Config.read(System.getenv());
            if (arguments.length == 0) {
                serve(config);
            } else if (arguments.length == 1 && arguments[0].equals("migrate")) {
                migrate(config);
            } else {
                throw new Config.Mistakes(java.util.List.of("the only command is migrate"));
            }
        } catch (Config.Mistakes mistakes) {
            Log.error(mistakes.getMessage());
            System.exit(2);
        }
    }

    private static void migrate(Config config) throws Exception {
        try (Database database = new Database(config.database(), config.login(), 1, 0)) {
            int steps = Schema.migrate(database, config.version(), Schema.wanted(config));
            Log.info("migrated: " + steps + " step(s) were missing");
        }
    }

    private static void serve(Config config) throws Exception {
        Fault fault = new Fault(config.behaviour(), config.failAfterSeconds());
        fault.atBoot();
        Database database =
                new Database(config.database(), config.login(), config.connections(), config.patienceSeconds());
        Redis redis = new Redis(config.cache(), Authorities.trusting(secured(config) ? config.cacheAuthorities() : null));
        Cache cache = new Cache(redis);
        Health health = new Health(fault, database, cache);
        Server server =
                new Server(config, fault, new Routes(config, health, new Orders(database), cache, database));
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            Log.info("stopping: " + server.running() + " request(s) are out");
            int cut = server.stop(Math.min(LINGER_SECONDS, config.stopSeconds()), config.stopSeconds());
            redis.close();
            database.close();
            Log.info("stopped: " + cut + " request(s) were cut off");
            Runtime.getRuntime().halt(0);
        }));
        Log.info("listening on port " + server.start() + ", version " + config.version() + ", " + config.behaviour());
    }

    private static boolean secured(Config config) {
        return config.cache().getScheme().equals("rediss");
    }
}
