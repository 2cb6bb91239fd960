import static org.spockframework.runtime.model.parallel.ExecutionMode.CONCURRENT
import static org.spockframework.runtime.model.parallel.ExecutionMode.SAME_THREAD

// Two specifications at a time, for much of what they do is waiting for their servers; the features of one in their order.
runner {
    parallel {
        enabled true
        defaultSpecificationExecutionMode CONCURRENT
        defaultExecutionMode SAME_THREAD
        // No third thread stands in for one that waits: parallelism, least runnable, most and usual threads, seconds to keep one.
        custom 2, 0, 2, 2, 30
    }
}
