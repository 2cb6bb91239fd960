import org.spockframework.runtime.model.parallel.ExecutionMode

// Two specifications at a time, for much of what they do is waiting for their servers; the features of one in their order.
runner {
    parallel {
        enabled true
        defaultSpecificationExecutionMode = ExecutionMode.CONCURRENT
        defaultExecutionMode = ExecutionMode.SAME_THREAD
        fixed 2
    }
}
