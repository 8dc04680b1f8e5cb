// Faults built into an image on purpose (BEHAVIOUR), so that a rollout can be shown to survive a bad version.

const EXIT_AFTER_FAILING_SECONDS = 30;

/** The fault of this process: `atBoot()` may throw, `broken()` is null or the reason why every answer fails. */
export function createFault({ behaviour, failAfterSeconds }, log, exit = process.exit) {
  let reason = behaviour === 'broken-health' ? 'the fault broken-health was built into this image' : null;
  let timer = null;

  function startFailing() {
    reason = `the fault broken-later was built into this image: good for ${failAfterSeconds} s, then not`;
    log.error('failing from now on', { reason });
    timer = setTimeout(() => {
      log.error('giving up', { reason });
      exit(1);
    }, EXIT_AFTER_FAILING_SECONDS * 1000).unref();
  }

  return {
    atBoot() {
      if (behaviour === 'broken-boot') throw new Error('the fault broken-boot was built into this image');
    },
    broken: () => reason,
    /** The clock of broken-later starts when /health says ok for the first time. */
    wasHealthy() {
      if (behaviour === 'broken-later') timer ??= setTimeout(startFailing, failAfterSeconds * 1000).unref();
    },
  };
}
