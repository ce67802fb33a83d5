// probe URL: exits 0 when http://HOST:PORT/PATH or unix:SOCKET:PATH answers 2xx within two seconds, or when
// tcp://HOST:PORT accepts a connection.
// The health check of every image without a shell: 20 kB and a millisecond, where starting Node costs 40 MB and 50 ms
// of processor on each of the checks that run every two seconds. Without an argument the URL is $HEALTH_URL.
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define LIMIT_SECONDS 2

static int fail(const char *what, const char *url) {
  fprintf(stderr, "probe: %s: %s\n", url, what);
  return 1;
}

static void limit_waiting(int fd) {
  struct timeval limit = {.tv_sec = LIMIT_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int open_unix(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  limit_waiting(fd);
  return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static int open_tcp(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found, *each;
  if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
  int fd = -1;
  for (each = found; each != NULL && fd < 0; each = each->ai_next) {
    fd = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
    limit_waiting(fd);
    if (connect(fd, each->ai_addr, each->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(found);
  return fd;
}

// The first line of the answer: "HTTP/1.1 204 No Content".
static int read_status(int fd) {
  char line[64];
  size_t length = 0;
  while (length < sizeof line - 1) {
    ssize_t got = read(fd, line + length, sizeof line - 1 - length);
    if (got <= 0) break;
    length += (size_t)got;
    if (memchr(line, '\n', length) != NULL) break;
  }
  line[length] = 0;
  int status = 0;
  return sscanf(line, "HTTP/1.%*1d %3d", &status) == 1 ? status : 0;
}

// One GET; 0 when the status is 2xx. An empty host is what Caddy's admin endpoint wants on a unix socket.
static int get(int fd, const char *url, const char *host, const char *path) {
  char request[2048];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: greenleaf-probe\r\nConnection: close\r\n\r\n",
                        path, host);
  if (write(fd, request, (size_t)length) != length) return fail("the request was not taken", url);
  int status = read_status(fd);
  if (status >= 200 && status < 300) return 0;
  fprintf(stderr, "probe: %s: status %d\n", url, status);
  return 1;
}

int main(int argc, char **argv) {
  const char *url = argc > 1 ? argv[1] : getenv("HEALTH_URL");
  if (url == NULL) return fail("no URL given and HEALTH_URL is not set", "-");
  char scheme[8], host[256], port[8], path[1024] = "/", authority[300];
  alarm(LIMIT_SECONDS + 1);
  if (sscanf(url, "unix:%255[^:]:%1023s", host, path) == 2) {
    int fd = open_unix(host);
    return fd < 0 ? fail("no connection", url) : get(fd, url, "", path);
  }
  if (sscanf(url, "%7[a-z]://%255[^:/]:%7[0-9]%1023s", scheme, host, port, path) < 3)
    return fail("not http://HOST:PORT/PATH, unix:SOCKET:PATH or tcp://HOST:PORT", url);
  int fd = open_tcp(host, port);
  if (fd < 0) return fail("no connection", url);
  if (strcmp(scheme, "tcp") == 0) return 0;
  snprintf(authority, sizeof authority, "%s:%s", host, port);
  return get(fd, url, authority, path);
}
