import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * Sends requests as Java's own client does by default, which offers h2c with each of them.
 * Arguments: base address, token, then METHOD, PATH and BODY of each request. Prints "STATUS BODY", a line each.
 */
public class Requests {
  public static void main(String[] args) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (int at = 2; at < args.length; at += 3) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(args[0] + args[at + 1]))
          .header("Authorization", "Bearer " + args[1])
          .header("Content-Type", "application/json")
          .method(args[at], HttpRequest.BodyPublishers.ofString(args[at + 2]))
          .build();
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      System.out.println(answer.statusCode() + " " + answer.body().replace("\n", "\\n"));
    }
  }
}
