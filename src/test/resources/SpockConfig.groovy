import org.spockframework.runtime.model.parallel.ExecutionMode

// Two specifications at a time, for much of what they do is waiting for their servers; the features of one in their order.
// Set by calls: Spock 2.4 with Groovy 5 takes no notice of an assignment, and would run the features of one at once.
runner {
    parallel {
        enabled true
        defaultSpecificationExecutionMode ExecutionMode.CONCURRENT
        defaultExecutionMode ExecutionMode.SAME_THREAD
        fixed 2
    }
}
