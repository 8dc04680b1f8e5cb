package shop;

import java.util.concurrent.atomic.AtomicBoolean;

/** Faults built into an image on purpose (BEHAVIOUR), so that a rollout can be shown to survive a bad version. */
final class Fault {
    private static final int EXIT_AFTER_FAILING_SECONDS = 30;

    private final String behaviour;
    private final int failAfterSeconds;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile String reason;

    Fault(String behaviour, int failAfterSeconds) {
        this.behaviour = behaviour;
        this.failAfterSeconds = failAfterSeconds;
        this.reason = behaviour.equals("broken-health") ? "the fault broken-health was built into this image" : null;
    }

    void atBoot() {
        if (behaviour.equals("broken-boot")) {
            throw new IllegalStateException("the fault broken-boot was built into this image");
        }
    }

    /** Why every answer fails, or null. */
    String broken() {
        return reason;
    }

    /** The clock of broken-later starts when health is good for the first time. */
    void wasHealthy() {
        if (behaviour.equals("broken-later") && started.compareAndSet(false, true)) {
            Thread.ofVirtual().start(this::failLater);
        }
    }

    private void failLater() {
        Pause.seconds(failAfterSeconds);
        reason = "the fault broken-later was built into this image: good for " + failAfterSeconds + " s, then not";
        Log.error("failing from now on: " + reason);
        Pause.seconds(EXIT_AFTER_FAILING_SECONDS);
        Log.error("giving up: " + reason);
        Runtime.getRuntime().halt(1);
    }
}
