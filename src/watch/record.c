#include "watch/record.h"

#include <math.h>

double record_base(struct record all)
{
    return (all.listed + 1.0) / (all.named + 30.0);
}

double record_rate(struct record r, double parent, double weight)
{
    return (r.listed + weight * parent) / (r.named + weight);
}

double record_logit(double rate)
{
    const double edge = 1e-9;
    double p = rate < edge ? edge : rate > 1 - edge ? 1 - edge : rate;
    return log(p / (1 - p));
}
