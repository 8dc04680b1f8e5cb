package shop;

import java.time.Duration;

/** Waiting, where nobody interrupts. */
final class Pause {
    private Pause() {}

    static void seconds(double seconds) {
        try {
            Thread.sleep(Duration.ofNanos((long) (seconds * 1e9)));
        } catch (InterruptedException problem) {
            throw new IllegalStateException("nobody interrupts this thread", problem);
        }
    }
}
