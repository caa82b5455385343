package dev.orchestrator.examples.mailroom;

import java.util.Map;
import java.util.TreeMap;

/**
 * How far the mail room is.
 *
 * @param accepted how many letters are on disk
 * @param failed how many could not be delivered
 * @param sent how many each worker has delivered
 */
record MailRoomState(int accepted, int failed, Map<String, Integer> sent) {
    MailRoomState {
        sent = Map.copyOf(sent);
    }

    /** All that were delivered. */
    int sentInAll() {
        return sent.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** All whose ending is handled. */
    int ended() {
        return sentInAll() + failed;
    }

    MailRoomState withAccepted() {
        return new MailRoomState(accepted + 1, failed, sent);
    }

    MailRoomState withSent(String worker) {
        var more = new TreeMap<>(sent);
        more.merge(worker, 1, Integer::sum);
        return new MailRoomState(accepted, failed, more);
    }

    MailRoomState withFailed() {
        return new MailRoomState(accepted, failed + 1, sent);
    }

    @Override
    public String toString() {
        return "accepted %3d, sent %3d, failed %2d  %s".formatted(accepted, sentInAll(), failed, new TreeMap<>(sent));
    }
}
